"""State machines have the same scopes, failures, limits, timeouts and history as on AWS."""

import pytest
from botocore.exceptions import ClientError

from local.emulator_host import Cloud
from tests.unit.local.machines import Machines, machine, passes

pytestmark = pytest.mark.enable_socket


def test_a_parallel_has_arguments_output_and_assign(machines: Machines) -> None:
    both = {
        "Type": "Parallel",
        "Arguments": {"number": "{% $states.input.number + 1 %}"},
        "Branches": [machine(A=passes("{% $states.input %}")), machine(B=passes("b"))],
        "Output": "{% $states.result[0].number %}",
        "Assign": {"second": "{% $states.result[1] %}"},
        "Next": "End",
    }
    end = passes("{% {'first': $states.input, 'second': $second} %}")

    output = machines.output(machine(Both=both, End=end), {"number": 1})

    assert output == {"first": 2, "second": "b"}


def test_branches_read_outer_variables_and_have_their_own(machines: Machines) -> None:
    inner = machine(
        Own=passes(None, Assign={"own": "{% $outer + $states.input %}"}, End=False, Next="Tell"),
        Tell=passes("{% $own %}"),
    )
    del inner["States"]["Own"]["End"]
    start = {"Type": "Pass", "Assign": {"outer": 10}, "Next": "All"}
    each = {"Type": "Map", "Items": [1, 2, 3], "ItemProcessor": inner, "Next": "Leaked"}
    inner["States"]["Own"]["Output"] = "{% $states.input %}"
    leaked = passes("{% {'all': $states.input, 'leaked': $exists($own)} %}")

    output = machines.output(machine(Start=start, All=each, Leaked=leaked))

    assert output == {"all": [11, 12, 13], "leaked": False}


def test_an_outer_variable_cannot_be_assigned_inside(machines: Machines) -> None:
    start = {"Type": "Pass", "Assign": {"outer": 1}, "Next": "All"}
    inner = machine(Steal=passes(1, Assign={"outer": 2}))
    each = {"Type": "Map", "Items": [1], "ItemProcessor": inner, "End": True}

    ended = machines.run(machine(Start=start, All=each))

    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert "outer" in ended["cause"]


def test_assign_reads_the_values_from_before_the_state(machines: Machines) -> None:
    first = {"Type": "Pass", "Assign": {"a": 1, "b": 2}, "Next": "Swap"}
    swap = {"Type": "Pass", "Assign": {"a": "{% $b %}", "b": "{% $a %}"}, "Next": "Tell"}

    output = machines.output(machine(First=first, Swap=swap, Tell=passes("{% [$a, $b] %}")))

    assert output == [2, 1]


def test_a_choice_applies_its_output_on_the_default_path(machines: Machines) -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input.left %}", "Next": "End"}],
        "Default": "End",
        "Output": "by default",
    }
    end = {"Type": "Succeed", "Output": "{% {'came': $states.input} %}"}

    assert machines.output(machine(OutputMode=choice, End=end), {"left": False}) == {
        "came": "by default"
    }
    assert machines.output(machine(OutputMode=choice, End=end), {"left": True}) == {
        "came": {"left": True}
    }


def test_an_item_selector_sees_the_maps_input_and_the_item(machines: Machines) -> None:
    each = {
        "Type": "Map",
        "Items": "{% $states.input.items %}",
        "ItemSelector": {
            "item": "{% $states.context.Map.Item.Value %}",
            "index": "{% $states.context.Map.Item.Index %}",
            "course": "{% $states.input.course %}",
        },
        "ItemProcessor": machine(Tell=passes("{% $states.input %}")),
        "End": True,
    }

    output = machines.output(machine(Each=each), {"items": ["x"], "course": "python"})

    assert output == [{"item": "x", "index": 0, "course": "python"}]


def test_a_machine_in_jsonpath_fails_clearly(machines: Machines) -> None:
    definition = {"QueryLanguage": "JSONPath", **machine(Tell={"Type": "Pass", "End": True})}

    ended = machines.run(definition)

    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert "JSONata only" in ended["cause"]


def test_an_error_is_caught_by_the_name_of_its_class(machines: Machines) -> None:
    catch = [{"ErrorEquals": ["LessonUnreadable"], "Next": "Caught"}]
    caught = passes("{% $states.input.Error %}")

    output = machines.output(machine(Try=machines.failing_task(Catch=catch), Caught=caught))

    assert output == "LessonUnreadable"


def test_the_first_failure_aborts_its_siblings(machines: Machines, cloud: Cloud) -> None:
    slow = machine(Slow=machines.task(Next="Never", End=False), Never=passes("never"))
    del slow["States"]["Slow"]["End"]
    both = {
        "Type": "Parallel",
        "Arguments": {"number": 900, "seconds": 0.6},
        "Branches": [slow, machine(Fail=machines.failing_task())],
        "End": True,
    }

    arn = machines.start(machine(Both=both))
    ended = machines.ended(arn)

    entered = [event.get("stateEnteredEventDetails", {}) for event in machines.events(arn)]
    assert (ended["status"], ended["error"]) == ("FAILED", "LessonUnreadable")
    assert "Slow" in [details.get("name") for details in entered]
    assert "Never" not in [details.get("name") for details in entered]


def test_the_history_records_inner_states_with_unique_ids(machines: Machines) -> None:
    inner = machine(Inner=passes("{% $states.input %}"))
    each = {"Type": "Map", "Items": list(range(20)), "ItemProcessor": inner, "End": True}
    arn = machines.start(machine(Each=each))
    machines.ended(arn)

    events = machines.events(arn)

    ids = [event["id"] for event in events]
    kinds = [event["type"] for event in events]
    assert ids == list(range(1, len(events) + 1))
    assert all(event["previousEventId"] < event["id"] for event in events[1:])
    assert kinds.count("PassStateEntered") == kinds.count("MapIterationSucceeded") == 20
    for event in events:
        if event["type"] == "PassStateExited":
            entered = events[event["previousEventId"] - 1]
            name = event["stateExitedEventDetails"]["output"]
            assert entered["stateEnteredEventDetails"]["input"] == name


def test_an_output_above_256_kib_fails_the_execution(machines: Machines) -> None:
    large = passes("{% $pad('x', 300000) %}")

    ended = machines.run(machine(Large=large))

    assert (ended["status"], ended["error"]) == ("FAILED", "States.DataLimitExceeded")


def test_an_input_above_256_kib_is_rejected(machines: Machines) -> None:
    with pytest.raises(ClientError, match="InvalidExecutionInput"):
        machines.start(machine(Any=passes(1)), {"text": "x" * 262_144})


def test_starting_twice_results_in_one_execution(machines: Machines) -> None:
    wait = machine(Wait={"Type": "Wait", "Seconds": 100, "End": True})
    arn = machines.start(wait, {"a": 1}, name="once")
    of_machine = machines.stepfunctions.describe_execution(executionArn=arn)["stateMachineArn"]
    same = {"stateMachineArn": of_machine, "name": "once"}

    again = machines.stepfunctions.start_execution(**same, input='{"a": 1}')

    assert again["executionArn"] == arn
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        machines.stepfunctions.start_execution(**same, input='{"a": 2}')
    machines.ended(arn)
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        machines.stepfunctions.start_execution(**same, input='{"a": 1}')


def test_a_machine_ends_at_its_own_timeout(machines: Machines) -> None:
    waits = machine(Wait={"Type": "Wait", "Seconds": 1000, "End": True})

    ended = machines.run({"TimeoutSeconds": 1, **waits})

    assert (ended["status"], ended["redriveStatus"]) == ("TIMED_OUT", "REDRIVABLE")


def test_a_timeout_can_be_an_expression(machines: Machines) -> None:
    slow = machines.task(TimeoutSeconds="{% $states.input.limit %}")

    ended = machines.run(machine(Slow=slow), {"number": 901, "seconds": 2, "limit": 1})

    assert (ended["status"], ended["error"]) == ("FAILED", "States.Timeout")


def test_a_retry_pauses_for_its_interval_up_to_its_maximum(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from local.emulator.sfn_tasks import pause_seconds

    monkeypatch.setattr("ministack.services.stepfunctions._SFN_WAIT_SCALE", 0.01)
    retrier = {"IntervalSeconds": 15, "BackoffRate": 2, "MaxDelaySeconds": 40}
    jittered = {**retrier, "JitterStrategy": "FULL"}

    scaled = [round(pause_seconds(retrier, retries) * 100) for retries in range(3)]

    assert scaled == [15, 30, 40]
    assert all(0 <= pause_seconds(jittered, 2) * 100 <= 40 for _ in range(20))

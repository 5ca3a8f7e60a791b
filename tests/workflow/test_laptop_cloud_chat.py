"""Tests notifications on the laptop cloud, from the topic via the function to a chat webhook."""

import time

import pytest

from coursewright.adapters.notifications import SnsNotificationTopic
from coursewright.domain.notification import Notification, NotificationKind
from local.deploy import deploy
from local.emulator_host import Cloud
from tests.unit.adapters.test_notifications import ROOT, channel

pytestmark = pytest.mark.slow

SECONDS = 60
NOTIFICATION = Notification(
    kind=NotificationKind.PUBLISHED,
    generation="0f3a9c52d1b7e864",
    round=1,
    language="ru",
    course="Основы Python",
    module="Циклы",
    assignments=5,
)


def test_a_notification_is_posted_to_the_chat() -> None:
    with channel() as (address, posts), Cloud() as cloud:
        secrets = cloud.client("secretsmanager")
        secret = secrets.create_secret(Name="chat", SecretString=address)["ARN"]
        deployment = deploy(cloud, ROOT / "template.yaml", {"ChatSecretArn": secret})

        SnsNotificationTopic(
            cloud.client("sns"), deployment.outputs["NotificationTopicArn"]
        ).publish(NOTIFICATION)
        until = time.monotonic() + SECONDS
        while not posts and time.monotonic() < until:
            time.sleep(0.1)

    message = "*Циклы (Основы Python)*\nОпубликовано 5 заданий."
    assert [body for _, body in posts] == [{"text": message}]

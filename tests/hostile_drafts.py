"""Attacks in drafts, accidental or deliberate; each must be rejected."""

HONEST = "def double(n):\n    return 2 * n\n"
STARTER = "def double(n):\n    pass\n"
TESTS = """
import unittest

from solution import double


class DoubleTest(unittest.TestCase):
    def test_three(self):
        self.assertEqual(double(3), 6)

    def test_zero(self):
        self.assertEqual(double(0), 0)
"""

# Attacks on the machine: its time, memory, files, processes, network and interpreter.
SYSTEM_ATTACKS = {
    "an endless loop": "def double(n):\n    while True:\n        pass\n",
    "an endless loop on import": "while True:\n    pass\n",
    "endless work in C code": "def double(n):\n    return sum(range(10**15))\n",
    "a huge power": "def double(n):\n    return 9 ** 9 ** 9\n",
    "a catastrophic pattern": (
        "import re\ndef double(n):\n    return re.match('(a+)+$', 'a' * 60 + 'b')\n"
    ),
    "a long sleep": "import time\ntime.sleep(1000)\n",
    "a wait for input": "def double(n):\n    return 2 * int(input())\n",
    "a deadlock": ("import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()\n"),
    "a memory bomb": (
        "def double(n):\n    heap = []\n    while True:\n        heap.append('x' * 10**6)\n"
    ),
    "one huge list": "def double(n):\n    return [0] * 10**10\n",
    "one huge text": "TEXT = 'x' * (2 * 10**9)\n",
    "a doubling list": "heap = [1]\nwhile True:\n    heap += heap\n",
    "endless recursion": (
        "import sys\nsys.setrecursionlimit(10**9)\ndef double(n):\n    return double(n)\n"
    ),
    "a stack overflow in the parser": "eval('-' * 50000 + '1')\n",
    "a stack overflow in repr": (
        "nest = []\nfor _ in range(10**5):\n    nest = [nest]\n"
        "def double(n):\n    return repr(nest)\n"
    ),
    "a deep chain of generators": (
        "items = iter([1])\nfor _ in range(10**5):\n    items = map(abs, items)\nlist(items)\n"
    ),
    "an exit": "import sys\nsys.exit(0)\n",
    "an exit in a call": "import sys\ndef double(n):\n    sys.exit(0)\n",
    "an exit without cleanup": "import os\nos._exit(0)\n",
    "an abort": "import os\nos.abort()\n",
    "a signal to its own process": "import os, signal\nsignal.raise_signal(signal.SIGKILL)\n",
    "an interrupt in a test": "def double(n):\n    raise KeyboardInterrupt\n",
    "an exit handler that exits": (
        "import atexit, os\natexit.register(os._exit, 0)\ndef double(n):\n    return 0\n"
    ),
    "a new process": "import subprocess\nsubprocess.run(['id'])\n",
    "a shell": "import os\nassert os.system('id') == 0\n",
    "a fork bomb": "import os\nwhile True:\n    os.fork()\n",
    "a pool of processes": (
        "import multiprocessing\nmultiprocessing.Process(target=print).start()\n"
    ),
    "a thread": "import threading\nthreading.Thread(target=print).start()\n",
    "a socket": "import socket\nsocket.create_connection(('127.0.0.1', 80))\n",
    "a DNS lookup": "import socket\nsocket.getaddrinfo('example.com', 80)\n",
    "a download": (
        "import urllib.request\nurllib.request.urlopen('http://169.254.169.254/latest')\n"
    ),
    "killing the parent": "import os\nos.kill(os.getppid(), 9)\n",
    "killing every process": "import os\nos.kill(-1, 9)\n",
    "reading the environment": (
        "import os\nassert any('AWS' in name for name in os.environ)\ndouble = lambda n: 2 * n\n"
    ),
    "reading /etc/passwd": "open('/etc/passwd').read()\n",
    "reading another process": "open('/proc/1/environ').read()\n",
    "reading parent folders": "open('../../../../etc/hostname').read()\n",
    "a symbolic link out of its folder": (
        "import os\nos.symlink('/etc/passwd', 'link')\nopen('link').read()\n"
    ),
    "overwriting the standard library": (
        "import unittest\nopen(unittest.__file__, 'w').write('')\n"
    ),
    "writing to a system folder": "open('/usr/attack', 'w').write('x')\n",
    "filling the disk": (
        "with open('big', 'w') as file:\n"
        "    for _ in range(1000):\n        file.write('x' * 10**6)\n"
    ),
    "too many files": (
        "files = [open(f'{n}.txt', 'w') for n in range(10**5)]\ndef double(n):\n    return 0\n"
    ),
    "native code": "import ctypes\nctypes.CDLL(None).abort()\n",
    "reading memory through ctypes": "import ctypes\nctypes.string_at(0)\n",
    "invalid byte code": (
        "import types\ndef f(): pass\ncode = f.__code__.replace(co_code=bytes(range(256)) * 2)\n"
        "f.__code__ = code\nf()\n"
    ),
    "byte code that crashes": "import faulthandler\nfaulthandler._sigsegv()\n",
    "a decompression bomb": (
        "import zlib\npacked = zlib.compress(bytes(10**7))\n"
        "heap = [zlib.decompress(packed) for _ in range(1000)]\n"
    ),
    "a finalizer that exits": (
        "import os, weakref\nclass Gone:\n    pass\n"
        "gone = Gone()\nweakref.finalize(gone, os._exit, 0)\ndel gone\n"
    ),
    "a huge error message": "def double(n):\n    raise ValueError('x' * 10**8)\n",
    "an error that exits when formatted": (
        "class Silent(Exception):\n    def __str__(self):\n        raise SystemExit\n"
        "def double(n):\n    raise Silent\n"
    ),
    "closing every stream": (
        "import os\nfor number in range(100):\n    try:\n        os.close(number)\n"
        "    except OSError:\n        pass\ndef double(n):\n    return 0\n"
    ),
    "null bytes": "\x00",
    "a lone surrogate": "double = '\ud800'\n",
}

# Cheats: wrong solutions that pretend to be correct.
CHEATS = {
    "a patched assertion": (
        "import unittest\nunittest.TestCase.assertEqual = lambda *a: None\ndouble = abs\n"
    ),
    "a patched test run": (
        "import unittest\nunittest.TestCase.run = lambda self, result: result.addSuccess(self)\n"
        "double = abs\n"
    ),
    "a patched built-in": "import builtins\nbuiltins.AssertionError = KeyError\ndouble = abs\n",
    "a patched loader": (
        "import unittest\nunittest.TestLoader.loadTestsFromModule = "
        "lambda *a, **k: unittest.TestSuite()\ndouble = abs\n"
    ),
    "a patched comparison": (
        "import unittest\nunittest.TestCase._baseAssertEqual = lambda *a, **k: None\n"
        "unittest.TestCase._getAssertEqualityFunc = lambda *a: lambda *b, **k: None\ndouble = abs\n"
    ),
    "a patched failure": (
        "import unittest\nunittest.TestCase.failureException = unittest.SkipTest\ndouble = abs\n"
    ),
    "a patched outcome": (
        "import contextlib, unittest.case\n"
        "def quiet(self, *a, **k):\n    yield\n"
        "unittest.case._Outcome.testPartExecutor = contextlib.contextmanager(quiet)\ndouble = abs\n"
    ),
    "a skipped test": ("import unittest\ndef double(n):\n    raise unittest.SkipTest('no time')\n"),
    "an emptied test class": (
        "import sys\ndef double(n):\n    tests = sys.modules['test_solution'].DoubleTest\n"
        "    tests.test_zero = lambda self: None\n    return 6\n"
    ),
    "an object that equals everything": (
        "class Anything:\n    def __eq__(self, other):\n        return True\n"
        "    def __ne__(self, other):\n        return False\n    __hash__ = None\n"
        "def double(n):\n    return Anything()\n"
    ),
    "a number that equals everything": (
        "class Number(int):\n    def __eq__(self, other):\n        return True\n"
        "    def __ne__(self, other):\n        return True\n    __hash__ = int.__hash__\n"
        "def double(n):\n    return Number()\n"
    ),
    "a forged result on standard output": (
        "import json, os\n"
        "forged = json.dumps({'nonce': '', 'outcomes': [], 'tampered': False})\n"
        "os.write(1, forged.encode())\nprint(forged)\nos._exit(0)\n"
    ),
    "a forged result variable": "import __main__, os\n__main__.result = '{}'\nos._exit(0)\n",
    "a patched encoder": (
        "import json\njson.dumps = lambda *a, **k: '{}'\ndef double(n):\n    return 0\n"
    ),
    "a recorder that reports success": (
        "import gc, unittest\ndef double(n):\n    for one in gc.get_objects():\n"
        "        if isinstance(one, unittest.TestResult):\n"
        "            one.addFailure = one.addError = lambda test, error: one.addSuccess(test)\n"
        "    return 0\n"
    ),
    "forged outcomes": (
        "import sys\ndef double(n):\n    frame = sys._getframe()\n    while frame:\n"
        "        recorder = frame.f_locals.get('recorder')\n        if recorder is not None:\n"
        "            recorder._record = lambda test, outcome, **k: recorder.outcomes.append("
        "{'test': test.id(), 'outcome': 'passed', 'error': '', 'file_name': '', 'message': ''})\n"
        "        frame = frame.f_back\n    return 0\n"
    ),
    "frames walked by a generator": (
        "def walk():\n    frame = walker.gi_frame.f_back\n    while frame:\n"
        "        recorder = frame.f_locals.get('recorder')\n        if recorder is not None:\n"
        "            recorder.addFailure = lambda test, error: recorder.addSuccess(test)\n"
        "        frame = frame.f_back\n    yield 0\n"
        "def double(n):\n    global walker\n    walker = walk()\n    return next(walker)\n"
    ),
    "the expected value read from the test": (
        "import sys\ndef double(n):\n    numbers = [c for c in sys._getframe(1).f_code.co_consts"
        " if isinstance(c, int) and c != n]\n    return numbers[0] if numbers else n\n"
    ),
    "the expected value read from the file": (
        "import re\ndef double(n):\n    text = open('test_solution.py').read()\n"
        "    return int(re.search(rf'double\\({n}\\), (\\d+)', text)[1])\n"
    ),
    "hard-coded results": "def double(n):\n    return {3: 6}[n]\n",
    "suppressed warnings": (
        "import warnings\nwarnings.simplefilter = lambda *a, **k: None\n"
        "def double(n):\n    return 0\n"
    ),
    "a trace function that skips assertions": (
        "import sys\ndef trace(frame, event, value):\n    if event == 'line' and 'test_' in "
        "frame.f_code.co_name:\n        frame.f_lineno = frame.f_lineno + 1\n    return trace\n"
        "sys.settrace(trace)\ndef double(n):\n    return 0\n"
    ),
    "a module named unittest": (
        "import sys, types\nsys.modules['unittest'] = types.ModuleType('unittest')\n"
        "def double(n):\n    return 0\n"
    ),
    "a class that fakes its type": (
        "class Lie:\n    __class__ = int\n    def __eq__(self, other):\n        return True\n"
        "    def __ne__(self, other):\n        return False\n    __hash__ = None\n"
        "def double(n):\n    return Lie()\n"
    ),
    "an equality that inspects the caller": (
        "import sys\nclass Number(int):\n    def __eq__(self, other):\n"
        "        asker = sys._getframe(1).f_code.co_name\n"
        "        return asker != 'assertNotEqual' and not isinstance(other, tuple)\n"
        "    def __ne__(self, other):\n        return not self == other\n"
        "    __hash__ = int.__hash__\ndef double(n):\n    return Number()\n"
    ),
    "an exit in the middle": (
        "import os\ncalls = []\ndef double(n):\n    calls.append(n)\n"
        "    if len(calls) > 1:\n        os._exit(0)\n    return 2 * n\n"
    ),
    "an assertion with replaced code": (
        "import unittest\ndef nothing(self, *a, **k):\n    return None\n"
        "unittest.TestCase.assertEqual.__code__ = nothing.__code__\n"
        "def double(n):\n    return 0\n"
    ),
    "an encoder that rewrites outcomes": (
        "import json\nencode = json.JSONEncoder.encode\ndef forge(self, answer):\n"
        "    for one in answer.get('outcomes', ()) if isinstance(answer, dict) else ():\n"
        "        one.update(outcome='passed', error='', file_name='', message='')\n"
        "    return encode(self, answer)\njson.JSONEncoder.encode = forge\n"
        "def double(n):\n    return 0\n"
    ),
    "a list that forges outcomes": (
        "import sys\nclass Forger(list):\n    def append(self, one):\n"
        "        one.update(outcome='passed', error='', file_name='', message='')\n"
        "        list.append(self, one)\ndef double(n):\n    frame = sys._getframe()\n"
        "    while frame:\n        recorder = frame.f_locals.get('recorder')\n"
        "        if recorder is not None:\n"
        "            recorder.outcomes = Forger(recorder.outcomes)\n"
        "        frame = frame.f_back\n    return 0\n"
    ),
    "fake tests registered before loading": (
        "import sys, types, unittest\nfake = types.ModuleType('test_solution')\n"
        "class DoubleTest(unittest.TestCase):\n"
        "    def test_three(self):\n        pass\n    def test_zero(self):\n        pass\n"
        "DoubleTest.__module__ = 'test_solution'\nfake.DoubleTest = DoubleTest\n"
        "sys.modules['test_solution'] = fake\ndef double(n):\n    return 0\n"
    ),
    "an overwritten test file": (
        "open('test_solution.py', 'w').write('import unittest\\n')\ndef double(n):\n    return 0\n"
    ),
    "the expected value read from bytecode": (
        "import dis, sys\ndef double(n):\n    frame = sys._getframe(1)\n"
        "    steps = [s for s in dis.get_instructions(frame.f_code) if s.offset > frame.f_lasti]\n"
        "    return next((s.argval for s in steps if isinstance(s.argval, int)), 0)\n"
    ),
    "a nonce taken from the frames": (
        "import json, os, sys\ndef double(n):\n    frame = sys._getframe()\n    while frame:\n"
        "        job = frame.f_locals.get('job')\n"
        "        if isinstance(job, dict) and 'nonce' in job:\n"
        "            tests = ('test_three', 'test_zero')\n"
        "            forged = {'nonce': job['nonce'], 'load_error': None, 'stopped': None,\n"
        "                      'tampered': False, 'outcomes': [\n"
        "                {'test': f'test_solution.DoubleTest.{test}', 'outcome': 'passed',\n"
        "                 'error': '', 'file_name': '', 'message': ''} for test in tests]}\n"
        "            os.write(1, json.dumps(forged).encode())\n"
        "            sys.modules['__main__'].result = json.dumps(forged)\n"
        "            raise SystemExit\n        frame = frame.f_back\n    return 0\n"
    ),
    "emptied test suites": (
        "import gc, unittest\ndef double(n):\n    for one in gc.get_objects():\n"
        "        if isinstance(one, unittest.TestSuite):\n            one._tests = []\n"
        "    return 6\n"
    ),
}

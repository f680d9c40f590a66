"""What the process that forks loads last: from here on it measures nothing.

What its imports reached is written down once. Otherwise each command that it forks for would write
all of that down once more, which takes several times what the command itself does.

One command is run here, with nobody to read it: what is loaded only when words are parsed would
otherwise be loaded by each.
"""

import gc
import io
import os
from contextlib import redirect_stdout

import coverage

from journey_service.cli.ending import run

_measuring = coverage.Coverage.current()
if _measuring is not None:
    _measuring.stop()
    _measuring.save()
# By these a forked process would begin to measure by itself, before it has the test's environment.
for _name in [name for name in os.environ if name.startswith("COV")]:
    del os.environ[_name]
with redirect_stdout(io.StringIO()):
    run(["config"])
gc.freeze()

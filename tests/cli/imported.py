"""What the process that forks loads last: from here on it measures nothing.

What its imports reached is written down once. Otherwise each command that it forks for would write
all of that down once more, which takes several times what the command itself does.
"""

import gc
import os

import coverage

_measuring = coverage.Coverage.current()
if _measuring is not None:
    _measuring.stop()
    _measuring.save()
# By these a forked process would begin to measure by itself, before it has the test's environment.
for _name in [name for name in os.environ if name.startswith("COV")]:
    del os.environ[_name]
gc.freeze()

import signal

pytest_plugins = ["tests.hanging", "tests.measuring", "tests.postgres"]

# Whoever runs the tests in the background hands down that Ctrl-C is ignored; the programs that they
# start are to hear it all the same.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

import logging
import os
import signal
import sys
import time

logger = logging.getLogger()
logger.setLevel(logging.INFO)


def write_all(fd, data):
    while data:
        data = data[os.write(fd, data):]


def write(step):
    text = step["text"]
    stream = step.get("stream", "stdout")
    via = step.get("via", "console")
    if via == "raw":
        write_all(1 if stream == "stdout" else 2, text.encode("utf-8", "surrogatepass"))
    elif via == "logger":
        logger.info("%s", text)
    else:
        print(text, file=sys.stdout if stream == "stdout" else sys.stderr)


def write_lines(series):
    parts = []
    for index in range(series["count"]):
        line = f"{series.get('prefix', 'line')} {index} "
        missing = series.get("bytes", 0) - len(line.encode())
        parts.append(line + "x" * max(0, missing) + "\n")
    write_all(1, "".join(parts).encode())


def fail(how):
    if how == "exception":
        raise TypeError("the script wants an exception")
    if how == "exit":
        os._exit(1)
    if how == "oom":
        taken = bytearray(b"\x01" * (64 * 1024 * 1024))
        assert taken
    if how in ("kill", "oom"):
        os.kill(os.getpid(), signal.SIGKILL)
    while True:
        time.sleep(1)


def handler(script, _context):
    script = script or {}
    for step in script.get("write", []):
        write(step)
    if "lines" in script:
        write_lines(script["lines"])
    time.sleep(script.get("sleepMs", 0) / 1000)
    if "fail" in script:
        fail(script["fail"])
    return script.get("return")

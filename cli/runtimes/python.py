"""A client of the Lambda Runtime API on Python's standard library: `python python.py <module>.<function>`."""
import http.client
import importlib
import json
import os
import sys
import time
import traceback

API = os.environ['AWS_LAMBDA_RUNTIME_API']
connection = http.client.HTTPConnection(API)


def call(method, path, body=None, headers=None):
    connection.request(method, '/2018-06-01/runtime/' + path, body, headers or {})
    answer = connection.getresponse()
    return answer.headers, answer.read()


class Context:
    """What a handler is given as its second argument."""

    def __init__(self, headers):
        self.aws_request_id = headers['Lambda-Runtime-Aws-Request-Id']
        self.invoked_function_arn = headers['Lambda-Runtime-Invoked-Function-Arn']
        self.function_name = os.environ['AWS_LAMBDA_FUNCTION_NAME']
        self.function_version = os.environ['AWS_LAMBDA_FUNCTION_VERSION']
        self.memory_limit_in_mb = os.environ['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']
        self.log_group_name = os.environ['AWS_LAMBDA_LOG_GROUP_NAME']
        self.log_stream_name = os.environ['AWS_LAMBDA_LOG_STREAM_NAME']
        self.identity = None
        self.client_context = None
        self.deadline = int(headers['Lambda-Runtime-Deadline-Ms'])

    def get_remaining_time_in_millis(self):
        return max(0, self.deadline - int(time.time() * 1000))


def described(error):
    return {
        'errorType': type(error).__name__,
        'errorMessage': str(error),
        'stackTrace': traceback.format_tb(error.__traceback__),
    }


def report(path, error):
    """Prints an error as Lambda does, on one line, and tells it to the Runtime API."""
    about = described(error)
    print(f"[ERROR] {about['errorType']}: {about['errorMessage']}\rTraceback (most recent call last):\r"
          + ''.join(about['stackTrace']).replace('\n', '\r'), flush=True)
    call('POST', path, json.dumps(about), {'Lambda-Runtime-Function-Error-Type': about['errorType']})


def main():
    try:
        sys.path.insert(0, os.environ['LAMBDA_TASK_ROOT'])
        module, _, name = (sys.argv[1] if len(sys.argv) > 1 else os.environ['_HANDLER']).rpartition('.')
        handler = getattr(importlib.import_module(module.replace('/', '.')), name)
    except Exception as error:
        report('init/error', error)
        sys.exit(1)
    while True:
        headers, event = call('GET', 'invocation/next')
        context = Context(headers)
        try:
            response = json.dumps(handler(json.loads(event), context))
        except Exception as error:
            sys.stdout.flush()
            report(f'invocation/{context.aws_request_id}/error', error)
            continue
        sys.stdout.flush()
        call('POST', f'invocation/{context.aws_request_id}/response', response, {'Content-Type': 'application/json'})


main()

from aws_cdk import App, Duration, Size, Stack
from aws_cdk.aws_lambda import Architecture, Code, Function, Runtime
from cdk_lambdawatch import (
    BatchingOptions,
    BufferOptions,
    FunctionFilter,
    LambdaWatch,
    LogType,
    LokiAuth,
    LokiSecret,
    RequestIdMode,
)

app = App()
stack = Stack(app, "Shop")

Function(
    stack,
    "Orders",
    runtime=Runtime.NODEJS_22_X,
    architecture=Architecture.ARM_64,
    handler="index.handler",
    code=Code.from_inline("exports.handler = async () => console.log('an order');"),
)
Function(
    stack,
    "Payments",
    runtime=Runtime.PYTHON_3_12,
    handler="index.handler",
    code=Code.from_inline("def handler(event, context): print('a payment')"),
    # What a function sets itself takes precedence.
    environment={"LOKI_SERVICE_NAME": "payments"},
)
legacy = Function(
    stack,
    "Legacy",
    runtime=Runtime.PYTHON_3_12,
    handler="index.handler",
    code=Code.from_inline("def handler(event, context): print('left alone')"),
)

watch = LambdaWatch(
    stack,
    "Logs",
    endpoint="https://logs-prod-012.grafana.net/loki/api/v1/push",
    # The secret exists already; the template contains its ARN alone.
    auth=LokiAuth.basic("123456", LokiSecret.from_secret_name("grafana-cloud", field="token")),
    labels={"env": "prod", "team": "shop"},
    request_id=RequestIdMode.METADATA,
    log_types=[LogType.FUNCTION, LogType.PLATFORM],
    batching=BatchingOptions(max_lines=500, flush_interval=Duration.seconds(2)),
    buffer=BufferOptions(max_size=Size.mebibytes(32)),
)
watch.attach_all(stack, exclude=[FunctionFilter.within(legacy)])

app.synth()

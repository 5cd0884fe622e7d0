import { App, Duration, Size, Stack } from 'aws-cdk-lib';
import { Architecture, Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { FunctionFilter, LambdaWatch, LogType, LokiAuth, LokiSecret, RequestIdMode } from 'cdk-lambdawatch';

const app = new App();
const stack = new Stack(app, 'Shop');

new Function(stack, 'Orders', {
  runtime: Runtime.NODEJS_22_X,
  architecture: Architecture.ARM_64,
  handler: 'index.handler',
  code: Code.fromInline("exports.handler = async () => console.log('an order');"),
});
new Function(stack, 'Payments', {
  runtime: Runtime.PYTHON_3_12,
  handler: 'index.handler',
  code: Code.fromInline("def handler(event, context): print('a payment')"),
  // What a function sets itself takes precedence.
  environment: { LOKI_SERVICE_NAME: 'payments' },
});
const legacy = new Function(stack, 'Legacy', {
  runtime: Runtime.PYTHON_3_12,
  handler: 'index.handler',
  code: Code.fromInline("def handler(event, context): print('left alone')"),
});

const watch = new LambdaWatch(stack, 'Logs', {
  endpoint: 'https://logs-prod-012.grafana.net/loki/api/v1/push',
  // The secret exists already; the template contains its ARN alone.
  auth: LokiAuth.basic('123456', LokiSecret.fromSecretName('grafana-cloud', { field: 'token' })),
  labels: { env: 'prod', team: 'shop' },
  requestId: RequestIdMode.METADATA,
  logTypes: [LogType.FUNCTION, LogType.PLATFORM],
  batching: { maxLines: 500, flushInterval: Duration.seconds(2) },
  buffer: { maxSize: Size.mebibytes(32) },
});
watch.attachAll(stack, { exclude: [FunctionFilter.within(legacy)] });

app.synth();

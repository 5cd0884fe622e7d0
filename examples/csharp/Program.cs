using System.Collections.Generic;
using Amazon.CDK;
using Amazon.CDK.AWS.Lambda;
using CdkLambdaWatch;

namespace Shop
{
    public static class Program
    {
        public static void Main()
        {
            var app = new App();
            var stack = new Stack(app, "Shop");

            new Function(stack, "Orders", new FunctionProps
            {
                Runtime = Runtime.NODEJS_22_X,
                Architecture = Architecture.ARM_64,
                Handler = "index.handler",
                Code = Code.FromInline("exports.handler = async () => console.log('an order');"),
            });
            new Function(stack, "Payments", new FunctionProps
            {
                Runtime = Runtime.PYTHON_3_12,
                Handler = "index.handler",
                Code = Code.FromInline("def handler(event, context): print('a payment')"),
                // What a function sets itself takes precedence.
                Environment = new Dictionary<string, string> { ["SERVICE_NAME"] = "payments" },
            });
            var legacy = new Function(stack, "Legacy", new FunctionProps
            {
                Runtime = Runtime.PYTHON_3_12,
                Handler = "index.handler",
                Code = Code.FromInline("def handler(event, context): print('left alone')"),
            });

            // The secret exists already; the template contains its ARN alone.
            var token = LokiSecret.FromSecretName("grafana-cloud", new SecretsManagerOptions { Field = "token" });
            var watch = new LambdaWatch(stack, "Logs", new LambdaWatchProps
            {
                Endpoint = "https://logs-prod-012.grafana.net/loki/api/v1/push",
                Auth = LokiAuth.Basic("123456", token),
                Labels = new Dictionary<string, string> { ["env"] = "prod", ["team"] = "shop" },
                RequestId = RequestIdMode.METADATA,
                LogTypes = new[] { LogType.FUNCTION, LogType.PLATFORM },
                Batching = new BatchingOptions { MaxLines = 500, FlushInterval = Duration.Seconds(2) },
                Buffer = new BufferOptions { MaxSize = Size.Mebibytes(32) },
            });
            watch.AttachAll(stack, new AttachAllOptions { Exclude = new[] { FunctionFilter.Within(legacy) } });

            app.Synth();
        }
    }
}

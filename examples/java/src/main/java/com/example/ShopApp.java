package com.example;

import io.github.lambdawatch.cdk.AttachAllOptions;
import io.github.lambdawatch.cdk.BatchingOptions;
import io.github.lambdawatch.cdk.BufferOptions;
import io.github.lambdawatch.cdk.FunctionFilter;
import io.github.lambdawatch.cdk.LambdaWatch;
import io.github.lambdawatch.cdk.LogType;
import io.github.lambdawatch.cdk.LokiAuth;
import io.github.lambdawatch.cdk.LokiSecret;
import io.github.lambdawatch.cdk.RequestIdMode;
import io.github.lambdawatch.cdk.SecretsManagerOptions;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.lambda.Code;
import software.amazon.awscdk.services.lambda.Function;
import software.amazon.awscdk.services.lambda.Runtime;

public final class ShopApp {
    private ShopApp() {
    }

    public static void main(final String[] args) {
        App app = new App();
        Stack stack = new Stack(app, "Shop");

        Function.Builder.create(stack, "Orders")
            .runtime(Runtime.NODEJS_22_X)
            .architecture(Architecture.ARM_64)
            .handler("index.handler")
            .code(Code.fromInline("exports.handler = async () => console.log('an order');"))
            .build();
        Function.Builder.create(stack, "Payments")
            .runtime(Runtime.PYTHON_3_12)
            .handler("index.handler")
            .code(Code.fromInline("def handler(event, context): print('a payment')"))
            // What a function sets itself takes precedence.
            .environment(Map.of("LOKI_SERVICE_NAME", "payments"))
            .build();
        Function legacy = Function.Builder.create(stack, "Legacy")
            .runtime(Runtime.PYTHON_3_12)
            .handler("index.handler")
            .code(Code.fromInline("def handler(event, context): print('left alone')"))
            .build();

        // The secret exists already; the template contains its ARN alone.
        LokiSecret token = LokiSecret.fromSecretName("grafana-cloud", SecretsManagerOptions.builder().field("token").build());
        LambdaWatch watch = LambdaWatch.Builder.create(stack, "Logs")
            .endpoint("https://logs-prod-012.grafana.net/loki/api/v1/push")
            .auth(LokiAuth.basic("123456", token))
            .labels(Map.of("env", "prod", "team", "shop"))
            .requestId(RequestIdMode.METADATA)
            .logTypes(List.of(LogType.FUNCTION, LogType.PLATFORM))
            .batching(BatchingOptions.builder().maxLines(500).flushInterval(Duration.seconds(2)).build())
            .buffer(BufferOptions.builder().maxSize(Size.mebibytes(32)).build())
            .build();
        watch.attachAll(stack, AttachAllOptions.builder().exclude(List.of(FunctionFilter.within(legacy))).build());

        app.synth();
    }
}

package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/jsii-runtime-go"
	"github.com/lambdawatch/cdk-lambdawatch-go/cdklambdawatch"
)

func main() {
	defer jsii.Close()

	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Shop"), nil)

	awslambda.NewFunction(stack, jsii.String("Orders"), &awslambda.FunctionProps{
		Runtime:      awslambda.Runtime_NODEJS_22_X(),
		Architecture: awslambda.Architecture_ARM_64(),
		Handler:      jsii.String("index.handler"),
		Code:         awslambda.Code_FromInline(jsii.String("exports.handler = async () => console.log('an order');")),
	})
	awslambda.NewFunction(stack, jsii.String("Payments"), &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_PYTHON_3_12(),
		Handler: jsii.String("index.handler"),
		Code:    awslambda.Code_FromInline(jsii.String("def handler(event, context): print('a payment')")),
		// What a function sets itself takes precedence.
		Environment: &map[string]*string{"LOKI_SERVICE_NAME": jsii.String("payments")},
	})
	legacy := awslambda.NewFunction(stack, jsii.String("Legacy"), &awslambda.FunctionProps{
		Runtime: awslambda.Runtime_PYTHON_3_12(),
		Handler: jsii.String("index.handler"),
		Code:    awslambda.Code_FromInline(jsii.String("def handler(event, context): print('left alone')")),
	})

	// The secret exists already; the template contains its ARN alone.
	token := cdklambdawatch.LokiSecret_FromSecretName(jsii.String("grafana-cloud"), &cdklambdawatch.SecretsManagerOptions{
		Field: jsii.String("token"),
	})
	watch := cdklambdawatch.NewLambdaWatch(stack, jsii.String("Logs"), &cdklambdawatch.LambdaWatchProps{
		Endpoint:  jsii.String("https://logs-prod-012.grafana.net/loki/api/v1/push"),
		Auth:      cdklambdawatch.LokiAuth_Basic(jsii.String("123456"), token),
		Labels:    &map[string]*string{"env": jsii.String("prod"), "team": jsii.String("shop")},
		RequestId: cdklambdawatch.RequestIdMode_METADATA,
		LogTypes:  &[]cdklambdawatch.LogType{cdklambdawatch.LogType_FUNCTION, cdklambdawatch.LogType_PLATFORM},
		Batching: &cdklambdawatch.BatchingOptions{
			MaxLines:      jsii.Number(500),
			FlushInterval: awscdk.Duration_Seconds(jsii.Number(2)),
		},
		Buffer: &cdklambdawatch.BufferOptions{MaxSize: awscdk.Size_Mebibytes(jsii.Number(32))},
	})
	watch.AttachAll(stack, &cdklambdawatch.AttachAllOptions{
		Exclude: &[]cdklambdawatch.IFunctionFilter{cdklambdawatch.FunctionFilter_Within(legacy)},
	})

	app.Synth(nil)
}

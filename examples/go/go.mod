module example.com/lambdawatch-example

go 1.23

require (
	github.com/aws/aws-cdk-go/awscdk/v2 v2.180.0
	github.com/aws/jsii-runtime-go v1.106.0
	github.com/lambdawatch/cdk-lambdawatch-go/cdklambdawatch v0.1.0
)

import { Command, InvalidArgumentError, Option } from 'commander';
import type { PublishOptions } from './commands/publish';
import { ARCHITECTURES, LAYER_NAME, packageVersion } from './layer-zip';

/** Ends the process with the exit code that a command gives. */
type Run = (work: () => Promise<number>) => Promise<void>;

/** The command line: commands and options, with their help. What a command does is loaded when it is called. */
export function createProgram(run: Run): Command {
  const program = new Command('lambdawatch')
    .description('Grafana Loki for AWS Lambda functions that are not deployed with the AWS CDK: attach the LambdaWatch extension, look at it, take it away.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .configureHelp({ sortOptions: false })
    .addHelpText('after', `
Exit codes: 0 all went well, 1 something failed, 2 wrong use, 3 something would change (--check), 130 interrupted.
Credentials and region come from where AWS's own command line takes them. lambdawatch COMMAND --help has examples.`);

  addPublish(program, run);
  return program;
}

function addPublish(program: Command, run: Run): void {
  const command = program.command('publish')
    .summary('publish the layer into regions of your account')
    .description('Publishes the layer that comes with this package into your own account. A version with the same content is not published again.')
    .addOption(new Option('--arch <architecture>', 'which layer').choices([...ARCHITECTURES, 'all']).default('all'))
    .option('--name <name>', 'name of the layer; the architecture is added to it', LAYER_NAME)
    .option('--share <account|organization>', 'let another account or an organization use it; repeatable', collect)
    .option('--dry-run', 'only look what is there');
  addCommon(command, 'region; repeatable');
  command.addHelpText('after', `
Examples:
  lambdawatch publish --region eu-west-1 --region us-east-1
  lambdawatch publish --arch arm64 --share o-a1b2c3d4e5 --json`);
  command.action((options: PublishOptions) => run(async () => (await import('./commands/publish')).publish(options)));
}

function addCommon(command: Command, region: string): void {
  command
    .option('-r, --region <region>', region, collect)
    .option('--profile <name>', 'profile of the AWS configuration')
    .option('--endpoint-url <url>', 'where AWS\'s APIs are, if not where they usually are')
    .option('--concurrency <number>', 'how many at a time', wholeNumber(1, 64), 4)
    .option('--json', 'print the result as JSON');
}

function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return value;
  };
}

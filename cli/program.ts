import tab from '@bomb.sh/tab/commander';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { AttachOptions } from './commands/attach';
import type { CloudWatchOptions } from './commands/cloudwatch';
import type { DetachOptions } from './commands/detach';
import type { DoctorOptions } from './commands/doctor';
import type { ExtractOptions } from './commands/extract';
import type { PublishOptions } from './commands/publish';
import type { RunOptions } from './commands/run';
import type { StatusOptions } from './commands/status';
import { ARCHITECTURES, LAYER_NAME, packageVersion } from './layer-zip';
import { addSettings } from './settings/options';

/** Ends the process with a command's exit code. */
type Run = (work: () => Promise<number>) => Promise<void>;

/** The command line: commands and options, with their help. The code of a command is loaded when it is called. */
export function createProgram(run: Run): Command {
  const program = new Command('lambdawatch')
    .description(
      'Grafana Loki for AWS Lambda functions that are not deployed with the AWS CDK: attach the LambdaWatch extension, look at it, take it away.',
    )
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .configureHelp({ sortOptions: false })
    .addHelpText(
      'after',
      `
Exit codes: 0 all went well, 1 something failed, 2 wrong use, 3 something would change (--check), 130 interrupted.
Credentials and region come from where AWS's own command line takes them. lambdawatch COMMAND --help has examples.`,
    );

  addPublish(program, run);
  addAttach(program, run);
  addDetach(program, run);
  addStatus(program, run);
  addCloudWatch(program, run);
  addDoctor(program, run);
  addRun(program, run);
  addExtract(program, run);
  tab(program, { completionCommandName: 'completion' });
  return program;
}

function addPublish(program: Command, run: Run): void {
  const command = program
    .command('publish')
    .summary('publish the layer into regions of your account')
    .description(
      'Publishes the layer that comes with this package into your own account. A version with the same content is not published again.',
    )
    .addOption(new Option('--arch <architecture>', 'which layer').choices([...ARCHITECTURES, 'all']).default('all'))
    .option('--name <name>', 'name of the layer; the architecture is added to it', LAYER_NAME)
    .option('--share <account|organization>', 'let another account or an organization use it; repeatable', collect)
    .option('--dry-run', 'only look what is there');
  addCommon(command, 'region; repeatable');
  command.addHelpText(
    'after',
    `
Examples:
  lambdawatch publish --region eu-west-1 --region us-east-1
  lambdawatch publish --arch arm64 --share o-a1b2c3d4e5 --json`,
  );
  command.action((options: PublishOptions) => run(async () => (await import('./commands/publish')).publish(options)));
}

function addAttach(program: Command, run: Run): void {
  const command = program
    .command('attach')
    .summary('attach the extension to functions')
    .description(
      'Adds the layer and the settings to functions, keeping the layers and variables that they have. A variable that a function sets itself is ' +
        "never overwritten. What is not given stays as an earlier attach has set it. The layer is published where it isn't there yet.",
    );
  addSelectors(command);
  addSettings(command);
  command
    .option('--from-file <file>', 'settings as a JSON object; flags take precedence over it')
    .option('--unset <setting>', 'take away a setting of an earlier attach; repeatable', collect)
    .option('--grant', "let the functions' roles read the secrets")
    .option('--grant-key <arn>', 'the same, with the KMS key that the secrets are encrypted with')
    .option('--alias <alias>', 'publish a version and move this alias to it')
    .option('--layer-name <name>', 'name of the layer, without the architecture', LAYER_NAME)
    .option('--force', 'attach functions that belong to a CloudFormation stack, too')
    .option('--check', 'change nothing; exit code 3 if something would change')
    .option('--dry-run', 'change nothing')
    .option('-y, --yes', "don't ask");
  addCommon(command, 'region; repeatable');
  command.addHelpText(
    'after',
    `
Examples:
  lambdawatch attach -f orders --endpoint https://logs.example.com/loki/api/v1/push --dry-run
  lambdawatch attach --tag team=shop --exclude 'shop-legacy-*' --from-file lambdawatch.json --yes
  lambdawatch attach --tag team=shop --from-file lambdawatch.json --check
  lambdawatch attach -f orders --alias live --username 123456 --password-secret arn:aws:secretsmanager:eu-west-1:111122223333:secret:loki-AbCdEf --grant`,
  );
  command.action((options: AttachOptions) => run(async () => (await import('./commands/attach')).attach(options)));
}

function addDetach(program: Command, run: Run): void {
  const command = program
    .command('detach')
    .summary('take back what attach has changed')
    .description(
      'Takes the layer and the variables away that attach has set, and nothing else. A variable that was changed since stays.',
    );
  addSelectors(command);
  command
    .option('--alias <alias>', 'publish a version and move this alias to it')
    .option('--layer-name <name>', 'name of the layer, without the architecture', LAYER_NAME)
    .option('--dry-run', 'change nothing')
    .option('-y, --yes', "don't ask");
  addCommon(command, 'region; repeatable');
  command.addHelpText(
    'after',
    `
Examples:
  lambdawatch detach -f orders
  lambdawatch detach --all --region eu-west-1 --yes --json`,
  );
  command.action((options: DetachOptions) => run(async () => (await import('./commands/detach')).detach(options)));
}

function addStatus(program: Command, run: Run): void {
  const command = program
    .command('status')
    .summary('which functions have the extension, and what is wrong with them')
    .description(
      'A table of the functions that have the extension: the version of the layer, the endpoint, the settings that are not the default, whether ' +
        'CloudWatch is written to, and problems. Without a selector, all functions of the region are looked at. Exit code 1 if there are problems.',
    );
  addSelectors(command);
  command.option('--layer-name <name>', 'name of the layer, without the architecture', LAYER_NAME);
  addCommon(command, 'region; repeatable');
  command.addHelpText(
    'after',
    `
Examples:
  lambdawatch status
  lambdawatch status --tag team=shop --region eu-west-1 --region us-east-1 --json`,
  );
  command.action((options: StatusOptions) => run(async () => (await import('./commands/status')).status(options)));
}

function addCloudWatch(program: Command, run: Run): void {
  const group = program
    .command('cloudwatch')
    .summary("stop writing functions' logs to CloudWatch, or resume it")
    .description(
      'Stops writing the logs of functions to CloudWatch Logs, or resumes it. What is in their log groups stays there.',
    )
    .helpCommand(false);
  for (const direction of ['off', 'on'] as const) {
    const off = direction === 'off';
    const command = group
      .command(direction)
      .summary(off ? 'stop writing to CloudWatch' : 'write to CloudWatch again')
      .description(
        off
          ? "Denies the roles of functions to write to the functions' own log groups, by an inline policy. Functions without the extension are refused."
          : 'Takes the inline policy away again, or the part of it that is about these functions.',
      );
    addSelectors(command);
    if (off) command.option('--force', 'functions without the extension, too');
    command
      .option('--layer-name <name>', 'name of the layer, without the architecture', LAYER_NAME)
      .option('--check', 'change nothing; exit code 3 if something would change')
      .option('--dry-run', 'change nothing')
      .option('-y, --yes', "don't ask");
    addCommon(command, 'region; repeatable');
    command.addHelpText(
      'after',
      `
Examples:
  lambdawatch cloudwatch ${direction} -f orders
  lambdawatch cloudwatch ${direction} --tag team=shop --yes`,
    );
    command.action((options: CloudWatchOptions) =>
      run(async () => (await import('./commands/cloudwatch')).cloudwatch(direction, options)),
    );
  }
}

function addDoctor(program: Command, run: Run): void {
  const command = program
    .command('doctor')
    .summary("why don't I see logs?")
    .description(
      "Looks at a function's layer, settings, permissions, network and size of variables, and asks Loki from here, by the extension's own client, " +
        'whether it takes the credentials. Without a function, at Loki alone. Secrets are read with your own credentials.',
    )
    .argument('[function]', 'name or ARN of a function')
    .option('--push', 'push a line, with the label source="lambdawatch-doctor"')
    .option('--bundle <file>', "write a report for a bug report, without account, secrets and other variables' values")
    .option('--from-file <file>', "settings as a JSON object, in place of the function's")
    .option('--layer-name <name>', 'name of the layer, without the architecture', LAYER_NAME);
  addSettings(command);
  addCommon(command, 'region');
  command.addHelpText(
    'after',
    `
Examples:
  lambdawatch doctor orders --push
  lambdawatch doctor --endpoint https://logs.example.com/loki/api/v1/push --tenant-id shop
  lambdawatch doctor orders --bundle report.json`,
  );
  command.action((name: string | undefined, options: DoctorOptions) =>
    run(async () => (await import('./commands/doctor')).doctor(name, options)),
  );
}

function addRun(program: Command, run: Run): void {
  const command = program
    .command('run')
    .summary('run a function with the extension on this machine, before it is deployed')
    .description(
      'Runs a function with the extension in a Lambda execution environment on this machine: it is frozen between invocations and shut down at the end. ' +
        "Lines go to a stand-in for Loki that prints what it stores, or to --endpoint, which needs nothing but Loki's push API. Credentials for that are " +
        'read from LOKI_USERNAME, LOKI_PASSWORD and LOKI_API_KEY.',
    )
    .argument('[command...]', 'a command that speaks the Runtime API, in place of --handler')
    .option('--handler <file.function>', 'handler of Node.js or Python, as on Lambda')
    .option('--folder <folder>', "where the function's code is", '.')
    .option('--event <json|@file|->', 'event, a file of events, or - for stdin; repeatable', collect)
    .option('--times <number>', 'invoke so often with each event', wholeNumber(1, 100_000), 1)
    .option('--pause <ms>', 'stay frozen for so long between invocations', wholeNumber(0, 3_600_000), 100)
    .option('--timeout <seconds>', "the function's time limit", wholeNumber(1, 900), 3)
    .option('--memory <mb>', "the function's memory, for its variables and the REPORT", wholeNumber(128, 10_240), 128)
    .option('--env <name=value>', 'variable of the function; repeatable', collect)
    .option('--from-file <file>', 'settings as a JSON object; flags take precedence over it')
    .option('--node-extension', "run the extension on Node.js, as on macOS, where the layer's executable can't run")
    .option('--json', 'print the result as JSON');
  addSettings(command);
  command.addHelpText(
    'after',
    `
Examples:
  lambdawatch run --handler index.handler --event '{"id": 1}'
  lambdawatch run --handler app.handler --folder src --event @events.jsonl --times 3 --endpoint http://localhost:3100/loki/api/v1/push
  lambdawatch run --timeout 10 -- ./bootstrap`,
  );
  command.action((words: string[], options: RunOptions) =>
    run(async () => (await import('./commands/run')).run(words, options)),
  );
}

function addExtract(program: Command, run: Run): void {
  const command = program
    .command('extract')
    .summary('write the executable that goes into container images')
    .description(
      "Container images can't have layers: the executable has to be in the image, as /opt/extensions/lambdawatch.",
    )
    .addOption(new Option('--arch <architecture>', 'of the image').choices([...ARCHITECTURES]).makeOptionMandatory())
    .option('--to <folder>', 'where to put it', '.')
    .option('--json', 'print the result as JSON');
  command.addHelpText(
    'after',
    `
Example:
  lambdawatch extract --arch arm64 --to docker/`,
  );
  command.action((options: ExtractOptions) => run(async () => (await import('./commands/extract')).extract(options)));
}

function addSelectors(command: Command): void {
  const group = 'Functions:';
  for (const option of [
    new Option('-f, --function <name|arn>', 'this function; repeatable').argParser(collect),
    new Option('--regex <pattern>', 'functions whose names match'),
    new Option('--tag <key=value>', 'functions with this tag; repeatable, all must hold').argParser(collect),
    new Option('--stack <name>', 'functions of this CloudFormation stack'),
    new Option('--all', 'all functions of the region'),
    new Option('--exclude <name>', 'leave these out; * stands for anything; repeatable').argParser(collect),
  ])
    command.addOption(option.helpGroup(group));
}

function addCommon(command: Command, region: string): void {
  command
    .option('-r, --region <region>', region, collect)
    .option('--profile <name>', 'profile of the AWS configuration')
    .option('--endpoint-url <url>', "where AWS's APIs are, if not where they usually are")
    .option('--concurrency <number>', 'how many at a time', wholeNumber(1, 64), 4)
    .option('--json', 'print the result as JSON');
}

function collect(value: string, previous: string[] = []): string[] {
  return [...previous, value];
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (!(value >= min && value <= max))
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    return value;
  };
}

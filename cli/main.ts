import { CommanderError } from 'commander';
import { failureText } from './aws/failure';
import { CliError, EXIT } from './errors';
import { Ui } from './output/ui';
import { createProgram } from './program';

/** The `lambdawatch` command. */
async function main(): Promise<void> {
  // The SDK is bundled into this file, so its warnings about future Node.js versions are not for the user.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  // A reader that stops reading, like `head`, isn't an error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) =>
    process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed),
  );
  const program = createProgram(async (work) => {
    process.exitCode = await work();
  });
  for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)])
    command.exitOverride();
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (!(error instanceof CommanderError)) new Ui({ json: false }).error(failureText(error));
  }
  // Open connections would keep the process running for a while.
  await flushed(process.stdout);
  process.exit();
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  return error instanceof CliError ? error.exitCode : EXIT.failed;
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()));
}

void main();

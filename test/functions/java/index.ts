import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached, hashOf } from '../../../build/cache';
import type { ProcessRuntime } from '../../../sandbox';
import { requireTool, run } from '../tools';

const here = dirname(fileURLToPath(import.meta.url));
const COPY_DEPENDENCIES = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';

/** A function on AWS's runtime interface client for Java. */
export async function javaFunction(progress: (message: string) => void = () => undefined): Promise<ProcessRuntime> {
  const install =
    'The Java function needs a JDK 11 or newer and Maven: install the packages default-jdk-headless and maven.';
  const version = await requireTool('javac', ['-version'], install);
  await requireTool('mvn', ['-v'], install);
  const java = await javaHome();
  const source = join(here, 'Handler.java');
  const pom = join(here, 'pom.xml');
  const directory = await cached(
    'function-java',
    hashOf(version, java, readFileSync(source), readFileSync(pom)),
    async (target) => {
      progress('Getting the runtime interface client for the Java function …');
      mkdirSync(join(target, 'lib'));
      await run('mvn', ['-q', '-B', '-f', pom, COPY_DEPENDENCIES, `-DoutputDirectory=${join(target, 'lib')}`]);
      await run('javac', ['-cp', join(target, 'lib', '*'), '-d', join(target, 'classes'), source]);
    },
  );
  const jars = readdirSync(join(directory, 'lib')).map((name) => join(directory, 'lib', name));
  return {
    kind: 'process',
    name: `java${/\d+/.exec(version)?.[0] ?? ''}`,
    command: [
      join(java, 'bin', 'java'),
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-Xshare:auto',
      '-cp',
      [join(directory, 'classes'), ...jars].join(':'),
      'com.amazonaws.services.lambda.runtime.api.client.AWSLambda',
      'Handler::handleRequest',
    ],
    cwd: directory,
    handler: 'Handler::handleRequest',
  };
}

/** The directory of the `java` on the PATH, resolved: the function runs without the test's PATH. */
async function javaHome(): Promise<string> {
  const settings = await run('java', ['-XshowSettings:properties', '-version'], { withStderr: true });
  return /java\.home = (.+)/.exec(settings)?.[1]?.trim() ?? '/usr';
}

import { CliError } from '../errors';

interface AwsError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly $response?: { readonly statusCode?: number };
  readonly errors?: readonly Error[];
}

const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'TokenRefreshRequired', 'RequestExpired'];
const UNKNOWN = [
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'AuthFailure',
  'IncompleteSignature',
  'MissingAuthenticationToken',
];
const THROTTLED = [
  'TooManyRequestsException',
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'ThrottledException',
];
const UNREACHABLE = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'TimeoutError',
];

/** Whether an error has this name, regardless of the copy of the SDK that it comes from. */
export function isAwsError(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

/** What went wrong in a call of AWS, in one line that says what to do. */
export function failureText(error: unknown): string {
  if (error instanceof CliError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { name, code = '', message, errors } = error as AwsError;
  const text = oneLine(message || errors?.map((one) => one.message).join('; ') || name);
  if (name.startsWith('AccessDenied') || name === 'UnauthorizedOperation' || name === 'UnauthorizedException')
    return deniedText(text);
  if (EXPIRED.includes(name))
    return 'the AWS credentials have expired; sign in again (aws sso login, or new keys in the environment)';
  if (UNKNOWN.includes(name))
    return `AWS does not accept the credentials (${name}); check AWS_PROFILE or --profile, and AWS_ACCESS_KEY_ID`;
  if (name === 'CredentialsProviderError') {
    return `no AWS credentials: ${text}; check the profile (AWS_PROFILE, --profile), or sign in with aws sso login or aws configure`;
  }
  if (name === 'TokenProviderError') return `the single sign-on session is not valid (${text}); run aws sso login`;
  if (THROTTLED.includes(name))
    return `AWS throttles the calls (${name}) and kept doing so; run it again with a smaller --concurrency`;
  if (/Deserialization error/.test(text)) {
    const status = (error as AwsError).$response?.statusCode;
    return `what answers is not AWS${status === undefined ? '' : ` (status ${status})`}; check --endpoint-url, AWS_ENDPOINT_URL and proxies`;
  }
  if (/exceeds the maximum allowed size of 262144000 bytes/.test(text))
    return `its code and layers would exceed the 250 MB that Lambda allows (${text}); make them smaller, or use a container image (lambdawatch extract)`;
  // Together with other policies of the user's.
  if (/Maximum policy size of \d+ bytes exceeded/.test(text))
    return `${text}; merge inline policies of that role into a managed one, or give some of its functions another role`;
  if (UNREACHABLE.includes(code) || UNREACHABLE.includes(name)) {
    return `AWS can't be reached (${code || name}: ${text}); check the network, --region and --endpoint-url`;
  }
  if (name === 'OptInRequired' || /not (enabled|opted in)/i.test(text))
    return `${text}; this region is not enabled for the account`;
  return name === 'Error' ? text : `${name}: ${text}`;
}

/** "User: U is not authorized to perform: A on resource: R because …", as every service of AWS says it. */
function deniedText(text: string): string {
  const [, who, action, resource] =
    /User: (\S+) is not authorized to perform: (\S+?)(?: on resource: (\S+))?(?: |$)/.exec(text) ?? [];
  if (action === undefined) return `AWS denies the call: ${text}`;
  return `not allowed: ${action}${resource === undefined ? '' : ` on ${resource}`}; allow it for ${who}`;
}

function oneLine(text: string): string {
  return text.replace(/\s*[\r\n]+\s*/g, ' ').trim();
}

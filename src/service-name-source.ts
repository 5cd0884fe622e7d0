/**
 * What the label `service_name` is where no `serviceName` is given.
 */
export enum ServiceNameSource {
  /**
   * The function's name, which CloudFormation makes up unless it is set: `Shop-OrdersA9B65338-x1Y2z3`. Nothing is
   * written into the template; the extension knows it.
   */
  FUNCTION_NAME = 'function-name',

  /** The path of the function's construct: `Shop/Orders`. Written as `LOKI_SERVICE_NAME`. */
  CONSTRUCT_PATH = 'construct-path',

  /** The id of the function's construct: `Orders`. Written as `LOKI_SERVICE_NAME`. */
  CONSTRUCT_ID = 'construct-id',
}

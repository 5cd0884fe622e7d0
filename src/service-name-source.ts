/**
 * The source of the label `service_name` when `serviceName` is not set.
 */
export enum ServiceNameSource {
  /**
   * The function's name, which CloudFormation generates unless it is set: `Shop-OrdersA9B65338-x1Y2z3`. The template
   * contains no variable for it, because the extension knows the name.
   */
  FUNCTION_NAME = 'function-name',

  /** The path of the function's construct: `Shop/Orders`. Written as `LOKI_SERVICE_NAME`. */
  CONSTRUCT_PATH = 'construct-path',

  /** The id of the function's construct: `Orders`. Written as `LOKI_SERVICE_NAME`. */
  CONSTRUCT_ID = 'construct-id',
}

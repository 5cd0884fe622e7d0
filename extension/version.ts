/** Of the extension; replaced by the package's version when the layer is built. */
declare const __LAMBDAWATCH_VERSION__: string | undefined;

export const VERSION: string = typeof __LAMBDAWATCH_VERSION__ === 'string' ? __LAMBDAWATCH_VERSION__ : '0.0.0';

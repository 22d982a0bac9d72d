/** The option `nodePath` of the sandbox, if the environment names a Node.js binary for scripts. */
export function scriptNode(): { nodePath?: string } {
  const nodePath = process.env['EVENT_SANDBOX_NODE_PATH'];
  return nodePath ? { nodePath } : {};
}

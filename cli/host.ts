// One view of the disk for the command line and the language server.
export { nodeHost } from '../lsp/node/host.ts';

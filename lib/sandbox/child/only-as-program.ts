// A host that loads this file instead of naming it would lose its signals and its V8 flags to it. The sandbox gives its
// program a number as the only argument.
if (process.argv.length !== 3 || !/^\d+$/.test(process.argv[2]!)) {
  throw new Error(
    "This file is the program of a sandbox process. Set sandbox.childPath to its path; don't import it.",
  );
}

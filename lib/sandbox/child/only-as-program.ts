// If a host imported this file, the program would change the host's signals and V8 flags. The sandbox starts its
// program with a number as the only argument.
if (process.argv.length !== 3 || !/^\d+$/.test(process.argv[2]!)) {
  throw new Error(
    "This file is the program of a sandbox process. Set sandbox.childPath to its path; don't import it.",
  );
}

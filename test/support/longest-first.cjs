const { default: Sequencer } = require('@jest/test-sequencer');

/** Folders whose files take longest. */
const LONGEST = [
  'test/faults',
  'test/page',
  'test/e2e',
  'sample-app/test',
  'test/sandbox',
  'test/integration',
];

/**
 * Runs the files of these folders before all others, so that the workers end at about the same time. Within a folder,
 * jest orders the files by the time that they took before.
 */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const found = LONGEST.findIndex((folder) => path.includes(`/${folder}/`));
      return found < 0 ? LONGEST.length : found;
    };
    // oxlint-disable-next-line unicorn/no-array-sort -- jest's own, which returns a copy
    const byDuration = super.sort(tests);
    return byDuration.toSorted((one, other) => rank(one) - rank(other));
  }
};

import { FairTags } from '../../../../lib/buffer/durable/queue/fair-tags.js';

describe('fair tags', () => {
  it('number the events of one tenant consecutively', () => {
    const tags = new FairTags();
    tags.reserve('loud', 1);
    tags.advance(1_000, new Map([['loud', 1]]));
    expect(tags.reserve('loud', 3)).toBe(1_001);
    expect(tags.reserve('loud', 2)).toBe(1_004);
    expect(tags.reserve('loud', 1)).toBe(1_006);
  });

  it('leave the tag of a tenant that has published nothing lately to the database', () => {
    const tags = new FairTags();
    tags.reserve('loud', 20_000);
    tags.advance(1_010, new Map());
    expect(tags.reserve('quiet', 1)).toBe(0);
    expect(tags.reserve('loud', 1)).toBe(20_000);
  });

  it('continue from the virtual time of the database if it is later than this node assumed', () => {
    const tags = new FairTags();
    expect(tags.reserve('acme', 5)).toBe(0);
    tags.advance(9_000, new Map([['acme', 5]]));
    expect(tags.reserve('acme', 1)).toBe(9_005);
  });

  it('forget tenants whose tags are all in the past, so that their number does not grow', () => {
    const tags = new FairTags();
    for (let i = 0; i < 1_000; i++) tags.reserve(`tenant-${i}`, 1);
    expect(tags.size).toBe(1_000);
    tags.advance(1, new Map());
    expect(tags.size).toBe(0);
  });

  it('never go back, even if the virtual time does', () => {
    const tags = new FairTags();
    tags.reserve('acme', 2);
    tags.advance(500, new Map([['acme', 2]]));
    tags.advance(100, new Map([['acme', 2]]));
    expect(tags.reserve('acme', 1)).toBe(502);
  });
});

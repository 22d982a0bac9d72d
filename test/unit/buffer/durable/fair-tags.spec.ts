import { FairTags } from '../../../../lib/buffer/durable/queue/fair-tags.js';

describe('fair tags', () => {
  it('give the events of one tenant one tag after the other', () => {
    const tags = new FairTags();
    tags.reserve('loud', 1);
    tags.advance(1_000, new Map([['loud', 1]]));
    expect(tags.reserve('loud', 3)).toBe(1_001);
    expect(tags.reserve('loud', 2)).toBe(1_004);
    expect(tags.reserve('loud', 1)).toBe(1_006);
  });

  it('leave a tenant that has published nothing lately to the virtual time of the database', () => {
    const tags = new FairTags();
    tags.reserve('loud', 20_000);
    tags.advance(1_010, new Map());
    expect(tags.reserve('quiet', 1)).toBe(0);
    expect(tags.reserve('loud', 1)).toBe(20_000);
  });

  it('follow a virtual time that the database found to be later than this node believed', () => {
    const tags = new FairTags();
    expect(tags.reserve('acme', 5)).toBe(0);
    tags.advance(9_000, new Map([['acme', 5]]));
    expect(tags.reserve('acme', 1)).toBe(9_005);
  });

  it('forget tenants whose events have all been passed, so that their number does not grow', () => {
    const tags = new FairTags();
    for (let i = 0; i < 1_000; i++) tags.reserve(`tenant-${i}`, 1);
    expect(tags.size).toBe(1_000);
    tags.advance(1, new Map());
    expect(tags.size).toBe(0);
  });

  it('never go back', () => {
    const tags = new FairTags();
    tags.reserve('acme', 2);
    tags.advance(500, new Map([['acme', 2]]));
    tags.advance(100, new Map([['acme', 2]]));
    expect(tags.reserve('acme', 1)).toBe(502);
  });
});

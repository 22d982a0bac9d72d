import { encodeFrame, FrameReader } from '../../../lib/sandbox/protocol.js';
import type { ToParent } from '../../../lib/sandbox/protocol.js';

const frames = [
  encodeFrame({ t: 'ready' }),
  encodeFrame({ t: 'logs', id: 1 }, ['{"level":"info","message":"größe 😀"}', '']),
  encodeFrame({ t: 'checked', id: 2, problem: null }, ['x'.repeat(100_000)]),
];

describe('FrameReader', () => {
  test.each([1, 3, 7, 64, 4_096, 1_000_000])('reads the same messages from chunks of %i bytes', (size) => {
    const bytes = Buffer.concat(frames);
    const reader = new FrameReader<ToParent>();
    const read = [];
    for (let at = 0; at < bytes.length; at += size) read.push(...reader.push(bytes.subarray(at, at + size)));
    expect(read.map(({ head }) => head.t)).toEqual(['ready', 'logs', 'checked']);
    expect(read[1]!.texts).toEqual(['{"level":"info","message":"größe 😀"}', '']);
    expect(read[2]!.texts[0]).toHaveLength(100_000);
  });

  test.each<[string, (frame: Buffer) => void]>([
    ['a length below its header', (frame) => void frame.writeUInt32LE(3, 0)],
    ['a length beyond the largest message', (frame) => void frame.writeUInt32LE(0xffffffff, 0)],
    ['more parts than bytes', (frame) => void frame.writeUInt32LE(0xffff, 4)],
    ['no part', (frame) => void frame.writeUInt32LE(0, 4)],
    ['a part longer than the message', (frame) => void frame.writeUInt32LE(0xffff, 8)],
    ['a head that is not JSON', (frame) => void frame.write('nope', frame.length - 4)],
  ])('refuses %s', (_, spoil) => {
    const frame = encodeFrame({ t: 'ready' });
    spoil(frame);
    expect(() => new FrameReader<ToParent>().push(frame)).toThrow(Error);
  });
});

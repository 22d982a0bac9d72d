import * as fs from 'node:fs';
import { StatusFile } from '../../../lib/sandbox/process/status-file.js';

jest.mock('node:fs', () => ({ ...jest.requireActual<typeof fs>('node:fs'), openSync: jest.fn() }));
const open = jest.mocked(fs.openSync);
const { openSync } = jest.requireActual<typeof fs>('node:fs');

describe('the file in which Linux reports about a process', () => {
  const noDescriptor = (): never => {
    throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  };
  let file: StatusFile | undefined;
  beforeEach(() => open.mockImplementation(openSync));
  afterEach(() => file?.close());

  it('is read without another file descriptor', () => {
    file = new StatusFile(process.pid);
    open.mockImplementation(noDescriptor);
    const first = file.read();
    expect(first!.residentMb).toBeGreaterThan(10);
    expect(first!.threads).toBeGreaterThan(1);
    const filled = Buffer.alloc(64 * 1024 * 1024, 1);
    expect(file.read()!.residentMb).toBeGreaterThan(first!.residentMb + 30);
    expect(filled).toHaveLength(64 * 1024 * 1024);
  });

  it('is opened later if no file descriptor was free', () => {
    open.mockImplementation(noDescriptor);
    file = new StatusFile(process.pid);
    expect(file.read()).toBeUndefined();
    open.mockImplementation(openSync);
    expect(file.read()).toMatchObject({ isStopped: false });
  });

  it('is not opened again once it is closed', () => {
    file = new StatusFile(process.pid);
    file.close();
    open.mockClear();
    expect(file.read()).toBeUndefined();
    expect(open).not.toHaveBeenCalled();
  });
});

import { MissingModuleError } from '../../../lib/options/options.errors.js';

describe('a host module that is missing', () => {
  it.each([
    ['EventEmitterModule' as const, 'EventEmitterModule.forRoot()', '@nestjs/event-emitter'],
    ['ScheduleModule' as const, 'ScheduleModule.forRoot()', '@nestjs/schedule'],
  ])('%s: the error says which line to add', (missing, line, from) => {
    const error = new MissingModuleError(missing);
    expect(error.message).toContain(line);
    expect(error.message).toContain(from);
    expect(error.code).toBe('missing-module');
  });
});

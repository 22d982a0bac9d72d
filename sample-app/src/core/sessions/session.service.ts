import { createHash, randomBytes } from 'node:crypto';
import { Injectable, UnauthorizedException } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { Interval } from '@nestjs/schedule';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, LessThanOrEqual, type Repository } from 'typeorm';
import { found } from '../../common/found.js';
import { isPassword } from '../password.js';
import { User } from '../users/user.entity.js';
import type { CreateSessionDto } from './session.dto.js';
import { Session } from './session.entity.js';

const MINUTE_MS = 60_000;
const DEFAULT_MINUTES = 8 * 60;

/** Logins. Emits `session.created` and `session.expired`; the bearer token is in neither. */
@Injectable()
export class SessionService {
  constructor(
    @InjectRepository(Session) private readonly sessions: Repository<Session>,
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly emitter: EventEmitter2,
  ) {}

  /** The session with its bearer token, which is shown this one time. */
  async create(tenantId: string, login: CreateSessionDto): Promise<Session & { token: string }> {
    const user = await this.users.findOneBy({ tenantId, email: login.email });
    if (!user || !(await isPassword(login.password, user.passwordHash)))
      throw new UnauthorizedException('E-mail or password is wrong.');
    const token = randomBytes(32).toString('base64url');
    const session = await this.sessions.save(
      this.sessions.create({
        tenantId,
        userId: user.id,
        tokenHash: createHash('sha256').update(token).digest('hex'),
        expiresAt: new Date(Date.now() + (login.minutes ?? DEFAULT_MINUTES) * MINUTE_MS),
      }),
    );
    this.emitter.emit('session.created', { tenantId, sessionId: session.id, userId: user.id });
    return Object.assign(session, { token });
  }

  /** Ends a session now. Ending it again does nothing. */
  async expire(tenantId: string, id: string): Promise<Session> {
    const session = found(await this.sessions.findOneBy({ tenantId, id }), 'session', id);
    await this.markExpired(session);
    return this.sessions.findOneByOrFail({ tenantId, id });
  }

  @Interval(MINUTE_MS)
  async expireDue(): Promise<void> {
    const due = await this.sessions.find({
      where: { expiredAt: IsNull(), expiresAt: LessThanOrEqual(new Date()) },
      take: 1_000,
    });
    for (const session of due) await this.markExpired(session);
  }

  private async markExpired({ id, tenantId, userId }: Session): Promise<void> {
    const { affected } = await this.sessions.update(
      { id, tenantId, expiredAt: IsNull() },
      { expiredAt: new Date() },
    );
    // Two nodes, or a person and the clock, may expire a session at the same time. Only the update that changed the row emits.
    if (affected === 1) this.emitter.emit('session.expired', { tenantId, sessionId: id, userId });
  }
}

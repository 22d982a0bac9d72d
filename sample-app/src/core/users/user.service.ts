import { ConflictException, Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { found, NEWEST } from '../../common/found.js';
import { hashPassword } from '../password.js';
import type { CreateUserDto, UpdateUserDto } from './user.dto.js';
import { User } from './user.entity.js';

/** People who work with the back office. Emits `user.created`, `user.updated` and `user.deleted`. */
@Injectable()
export class UserService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly emitter: EventEmitter2,
  ) {}

  list(tenantId: string): Promise<User[]> {
    return this.users.find({ where: { tenantId }, ...NEWEST });
  }

  async get(tenantId: string, id: string): Promise<User> {
    return found(await this.users.findOneBy({ tenantId, id }), 'user', id);
  }

  async create(tenantId: string, { password, ...fields }: CreateUserDto): Promise<User> {
    await this.refuseTaken(tenantId, fields.email);
    const passwordHash = await hashPassword(password);
    const user = await this.users.save(this.users.create({ tenantId, passwordHash, ...fields }));
    this.emit('user.created', user);
    return user;
  }

  async update(tenantId: string, id: string, change: UpdateUserDto): Promise<User> {
    const user = await this.get(tenantId, id);
    if (change.email && change.email !== user.email) await this.refuseTaken(tenantId, change.email);
    const updated = await this.users.save(this.users.merge(user, change));
    this.emit('user.updated', updated);
    return updated;
  }

  async delete(tenantId: string, id: string): Promise<void> {
    const user = await this.get(tenantId, id);
    await this.users.delete({ tenantId, id });
    this.emit('user.deleted', user);
  }

  private async refuseTaken(tenantId: string, email: string): Promise<void> {
    if (await this.users.existsBy({ tenantId, email }))
      throw new ConflictException(`A user with the e-mail ${email} exists already.`);
  }

  private emit(type: `user.${string}`, { tenantId, id, email, firstName, lastName }: User): void {
    this.emitter.emit(type, { tenantId, userId: id, email, firstName, lastName });
  }
}

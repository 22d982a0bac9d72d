import { Exclude } from 'class-transformer';
import { Column, Entity } from 'typeorm';
import { TenantEntity } from '../../common/tenant-entity.js';

@Entity('sessions')
export class Session extends TenantEntity {
  @Column('uuid', { name: 'user_id' })
  userId!: string;

  /** SHA-256 of the bearer token, so that a person who can read the table can't act as a user. */
  @Exclude()
  @Column('text', { name: 'token_hash' })
  tokenHash!: string;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;

  @Column('timestamptz', { name: 'expired_at', nullable: true })
  expiredAt!: Date | null;
}

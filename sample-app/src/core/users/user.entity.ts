import { Exclude } from 'class-transformer';
import { Column, Entity } from 'typeorm';
import { TenantEntity } from '../../common/tenant-entity.js';

@Entity('users')
export class User extends TenantEntity {
  @Column('text')
  email!: string;

  @Column('text', { name: 'first_name' })
  firstName!: string;

  @Column('text', { name: 'last_name' })
  lastName!: string;

  @Exclude()
  @Column('text', { name: 'password_hash' })
  passwordHash!: string;
}

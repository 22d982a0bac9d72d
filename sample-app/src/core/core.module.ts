import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Session } from './sessions/session.entity.js';
import { SessionService } from './sessions/session.service.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { User } from './users/user.entity.js';
import { UserService } from './users/user.service.js';
import { UsersController } from './users/users.controller.js';

/** Users and their sessions. */
@Module({
  imports: [TypeOrmModule.forFeature([User, Session])],
  controllers: [UsersController, SessionsController],
  providers: [UserService, SessionService],
})
export class CoreModule {}

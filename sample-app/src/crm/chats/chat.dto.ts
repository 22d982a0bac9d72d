import { IsIn, IsNotEmpty, IsString, IsUUID, MaxLength } from 'class-validator';
import { MESSAGE_AUTHORS, type MessageAuthor } from './message.entity.js';

export class CreateChatDto {
  @IsUUID()
  clientId!: string;
}

export class AddMessageDto {
  /** `client` for what the messenger delivers, `operator` for what a user of the back office writes. */
  @IsIn(MESSAGE_AUTHORS)
  author!: MessageAuthor;

  @IsString()
  @IsNotEmpty()
  @MaxLength(10_000)
  content!: string;
}

import { IsEmail, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';

export class CreateSessionDto {
  @IsEmail()
  email!: string;

  @IsString()
  password!: string;

  /** How long the session lasts; eight hours unless given. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(7 * 24 * 60)
  minutes?: number;
}

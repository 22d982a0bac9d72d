import { Allow, IsArray, IsOptional, IsString } from 'class-validator';
import type { JsonValue } from 'nestjs-scripts-event';

/** Checks only the types of a secret's fields. `SecretService` checks what they contain. */
export class CreateSecretDto {
  @IsString()
  name!: string;

  @IsString()
  value!: string;

  @IsOptional()
  @IsString()
  description?: string;

  @IsOptional()
  @IsArray()
  hosts?: string[];
}

export class SetVariableDto {
  /** Any JSON value. */
  @Allow()
  value!: JsonValue;
}

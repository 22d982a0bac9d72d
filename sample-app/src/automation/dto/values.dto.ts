import { Allow, IsArray, IsOptional, IsString } from 'class-validator';
import type { JsonValue } from 'nestjs-scripts-event';

/** The outer form of a secret; `SecretService` checks what is inside. */
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
  /** Any JSON. */
  @Allow()
  value!: JsonValue;
}

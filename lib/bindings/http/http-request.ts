import { Transform } from 'class-transformer';
import { IsObject, IsOptional, IsString, MaxLength } from 'class-validator';
import type { JsonObject, JsonValue } from '../../common/json.js';

/** What a script passes to `http.fetch`. */
export class HttpRequest {
  /** `https://` and a host that is allowed. */
  @IsString()
  @MaxLength(2_048)
  url!: string;

  /** Default GET. */
  @IsOptional()
  @IsString()
  @MaxLength(16)
  method?: string;

  /** Texts by name. */
  @IsOptional()
  @IsObject()
  @Transform(({ obj }: { obj: HttpRequest }) => obj.headers)
  headers?: JsonObject;

  /** Text to send. */
  @IsOptional()
  @IsString()
  body?: string;

  /** A value to send as JSON, instead of `body`. */
  @IsOptional()
  @Transform(({ obj }: { obj: HttpRequest }) => obj.json)
  json?: JsonValue;
}

/** What a script gets. A status of 400 and above is an answer too, no error. */
export class HttpResponse {
  status!: number;
  /** By lower-case name; several of one name are joined with a comma. */
  headers!: Record<string, string>;
  /** The body as text. */
  body!: string;
  /** The body as a value, when it is JSON. */
  json?: JsonValue;
}

import { Transform } from 'class-transformer';
import { IsObject, IsOptional, IsString, MaxLength } from 'class-validator';
import type { JsonObject, JsonValue } from '../../common/json.js';

/** What a script passes to `http.fetch`. */
export class HttpRequest {
  /** An address with `https://` and an allowed host. */
  @IsString()
  @MaxLength(2_048)
  url!: string;

  /** Default GET. */
  @IsOptional()
  @IsString()
  @MaxLength(16)
  method?: string;

  /** Header values by name. */
  @IsOptional()
  @IsObject()
  @Transform(({ obj }: { obj: HttpRequest }) => obj.headers)
  headers?: JsonObject;

  /** The body as text. */
  @IsOptional()
  @IsString()
  body?: string;

  /** The body as a value that is sent as JSON, instead of `body`. */
  @IsOptional()
  @Transform(({ obj }: { obj: HttpRequest }) => obj.json)
  json?: JsonValue;
}

/** What a script gets. A status of 400 or above is an answer too, not an error. */
export class HttpResponse {
  status!: number;
  /** Header values by lower-case name; several values of one name are joined with a comma. */
  headers!: Record<string, string>;
  /** The body as text. */
  body!: string;
  /** The body as a value, if it is JSON. */
  json?: JsonValue;
}

import { seeded } from '../test/support/random-filters.js';

type Json = Record<string, unknown>;

/** One filter in our language and in the language of sift. */
export interface MixedFilter {
  ours: Json;
  sift: Json;
}

const COUNTRIES = 60;
const PLANS = 5;
const CITIES = 500;
const REGIONS = 50;
const WORDS = 5_000;
const SCORES = 10_000;

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * Makes filters as tenants write them, and events. An event matches about one filter in three hundred. Equal shares of the
 * filters use equality, `gt`, lists, ends of texts, `or`, parts of texts and ranges. The same seed makes the same ones.
 */
export class RoutingMix {
  private readonly random: () => number;

  constructor(
    private readonly size: number,
    seed = 1,
  ) {
    this.random = seeded(seed);
  }

  filters(): MixedFilter[] {
    return Array.from({ length: this.size }, (_, at) => this.filter(at % 7));
  }

  /** A filter that the index can't find by a look-up. */
  unindexable(): MixedFilter {
    const status = `s${this.below(8)}`;
    const plan = `plan ${this.below(PLANS)}`;
    switch (this.below(3)) {
      case 0:
        return {
          ours: { status: { ne: status }, note: { exists: true } },
          sift: { status: { $ne: status }, note: { $exists: true } },
        };
      case 1:
        return { ours: { not: { plan } }, sift: { $nor: [{ plan }] } };
      default:
        return { ours: { tags: { size: 3 } }, sift: { tags: { $size: 3 } } };
    }
  }

  event(): Json {
    return {
      status: `s${this.below(8)}`,
      customerId: `c${this.below(this.customers)}`,
      amount: this.amount(),
      country: `C${this.below(COUNTRIES)}`,
      plan: `plan ${this.below(PLANS)}`,
      email: `user${this.below(1_000_000)}@company${this.below(this.customers)}.example`,
      city: `city ${this.below(CITIES)}`,
      region: `region ${this.below(REGIONS)}`,
      title: Array.from({ length: 8 }, () => this.word()).join(' '),
      score: this.below(SCORES),
      tags: ['a', 'b'],
    };
  }

  private filter(kind: number): MixedFilter {
    switch (kind) {
      case 0: {
        const both = { status: `s${this.below(8)}`, customerId: `c${this.below(this.customers)}` };
        return { ours: both, sift: both };
      }
      case 1: {
        const amount = 2_000 + this.below(100_000);
        return { ours: { amount: { gt: amount } }, sift: { amount: { $gt: amount } } };
      }
      case 2: {
        const country = Array.from({ length: 3 }, () => `C${this.below(COUNTRIES)}`);
        const plan = `plan ${this.below(PLANS)}`;
        return { ours: { country, plan }, sift: { country: { $in: country }, plan } };
      }
      case 3: {
        const end = `@company${this.below(this.customers)}.example`;
        return { ours: { email: { endsWith: end } }, sift: { email: { $regex: `${escaped(end)}$` } } };
      }
      case 4: {
        const city = `city ${this.below(CITIES)}`;
        const region = `region ${this.below(REGIONS)}`;
        const amount = 1_000 + this.below(5_000);
        return {
          ours: { or: [{ city }, { region, amount: { gte: amount } }] },
          sift: { $or: [{ city }, { region, amount: { $gte: amount } }] },
        };
      }
      case 5: {
        const word = this.word();
        return { ours: { title: { contains: word } }, sift: { title: { $regex: escaped(word) } } };
      }
      default: {
        const low = this.below(SCORES);
        const high = low + this.below(40);
        return { ours: { score: { between: [low, high] } }, sift: { score: { $gte: low, $lte: high } } };
      }
    }
  }

  private get customers(): number {
    return Math.max(10, this.size / 20);
  }

  /** A random amount; most are small. */
  private amount(): number {
    return Math.round(100 / (this.random() + 0.001));
  }

  private word(): string {
    return `w${(this.below(WORDS) * 7_919).toString(36)}`;
  }

  private below(count: number): number {
    return Math.floor(this.random() * count);
  }
}

import { Controller, Injectable, Scope } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { IsEmail } from 'class-validator';
import type { BindingContext } from '../../../lib/bindings/binding-context.js';
import { BindingExplorer } from '../../../lib/bindings/binding.explorer.js';
import { BindingDeclarationError } from '../../../lib/bindings/binding.errors.js';
import { ScriptBinding } from '../../../lib/bindings/script-binding.decorator.js';
import type { JsonValue } from '../../../lib/common/json.js';
import { bindingRegistry, call } from '../../support/bindings.js';

class FindClient {
  @IsEmail()
  email!: string;
}

class Client {
  name!: string;
}

@Injectable()
class CrmBindings {
  private readonly prefix = 'client of';

  @ScriptBinding('crm.findClient', {
    input: FindClient,
    result: Client,
    timeoutMs: 2_000,
    description: 'A client by its email',
  })
  async findClient({ email }: FindClient, { tenantId }: BindingContext): Promise<Client> {
    return { name: `${this.prefix} ${tenantId}: ${email}` };
  }

  @ScriptBinding('crm.countClients')
  countClients() {
    return 2;
  }
}

@Controller()
class Rates {
  @ScriptBinding('rates')
  rates(input: JsonValue) {
    return { input };
  }
}

type Class = new () => object;

async function explored(providers: Class[], controllers: Class[] = [], scope?: Scope) {
  const app = await Test.createTestingModule({
    imports: [DiscoveryModule],
    controllers,
    providers: providers.map((useClass) => ({ provide: useClass, useClass, scope })),
  }).compile();
  const { registry } = bindingRegistry();
  new BindingExplorer(app.get(DiscoveryService), registry).explore();
  await app.close();
  return registry;
}

describe('@ScriptBinding', () => {
  it('declares methods of providers and controllers as bindings, listed by name', async () => {
    const registry = await explored([CrmBindings], [Rates]);
    expect(registry.list()).toEqual([
      {
        name: 'crm.countClients',
        description: undefined,
        input: undefined,
        result: undefined,
        timeoutMs: 5_000,
        secrets: false,
        method: 'CrmBindings.countClients',
      },
      {
        name: 'crm.findClient',
        description: 'A client by its email',
        input: FindClient,
        result: Client,
        timeoutMs: 2_000,
        secrets: false,
        method: 'CrmBindings.findClient',
      },
      expect.objectContaining({ name: 'rates', method: 'Rates.rates' }),
    ]);
    expect(registry.names()).toEqual(['crm.countClients', 'crm.findClient', 'rates']);
  });

  it('gives a list of names that stays the same object and cannot be changed', async () => {
    const registry = await explored([CrmBindings]);
    expect(registry.names()).toBe(registry.names());
    expect(Object.isFrozen(registry.names())).toBe(true);
    expect(Object.isFrozen(registry.list())).toBe(true);
  });

  it('calls the method on its provider, with the context of the run', async () => {
    const registry = await explored([CrmBindings]);
    const answer = await call(registry, 'crm.findClient', { email: 'ada@example.com' });
    expect(answer).toEqual({ name: 'client of acme: ada@example.com' });
  });

  it.each([
    ['request', Scope.REQUEST],
    ['transient', Scope.TRANSIENT],
  ])('fails the start on a provider of %s scope', async (_name, scope) => {
    await expect(explored([CrmBindings], [], scope)).rejects.toThrow(
      '@ScriptBinding on CrmBindings.findClient: the provider is request-scoped, and scripts run outside of requests; make it a singleton (Scope.DEFAULT).',
    );
  });

  it('fails the start if it has a misspelt option, because the input would not be checked', async () => {
    class Misspelt {
      @ScriptBinding('crm.findClient', { inputs: FindClient } as object)
      findClient() {
        return null;
      }
    }
    await expect(explored([Misspelt])).rejects.toThrow(
      '@ScriptBinding on Misspelt.findClient: unknown option inputs; allowed: input, result, timeoutMs, secrets, description.',
    );
  });

  it('fails the start if its option secrets is neither true nor false', async () => {
    class Misspelt {
      @ScriptBinding('crm.findClient', { secrets: 'false' } as object)
      findClient() {
        return null;
      }
    }
    await expect(explored([Misspelt])).rejects.toThrow('secrets = "false" must be true or false');
  });

  it('still declares a method that another decorator has replaced', async () => {
    const Traced = () => (_target: object, _name: string, descriptor: PropertyDescriptor) => {
      const original = descriptor.value as (...args: unknown[]) => unknown;
      descriptor.value = async function (this: unknown, ...args: unknown[]) {
        return { traced: await original.apply(this, args) };
      };
    };
    class Wrapped {
      @Traced()
      @ScriptBinding('crm.one')
      one() {
        return 1;
      }
    }
    const registry = await explored([Wrapped]);
    expect(await call(registry, 'crm.one')).toEqual({ traced: 1 });
  });

  it('fails the start if its method has been replaced with a value that is not a method', async () => {
    class Gone {
      constructor() {
        Object.defineProperty(this, 'one', { value: 'no method' });
      }

      @ScriptBinding('crm.one')
      one() {
        return 1;
      }
    }
    await expect(explored([Gone])).rejects.toThrow(
      '@ScriptBinding on Gone.one: another decorator or the constructor replaced it with something that is not a ' +
        'method; keep it a method.',
    );
  });

  it('is checked by the compiler against the class of its input', () => {
    class Wrong {
      // @ts-expect-error -- the method takes a number where the class has an email
      @ScriptBinding('crm.wrong', { input: FindClient })
      wrong(input: { email: number }) {
        return input;
      }
    }
    expect(new Wrong().wrong({ email: 1 })).toEqual({ email: 1 });
  });
});

describe('the start of an application whose bindings are wrong', () => {
  const declared = (name: string, options: Parameters<typeof ScriptBinding>[1] = {}): Class => {
    class Other {
      @ScriptBinding(name, options)
      run() {
        return null;
      }
    }
    return Other;
  };

  it.each([
    ['crm.findClient', /binding "crm\.findClient" is declared twice/],
    ['crm', /binding "crm" is also the first part of binding "crm\.findClient"/],
    ['crm.findClient.byName', /binding "crm\.findClient" is also the first part/],
  ])(
    'fails for the binding %s, which clashes with another one, and names both methods',
    async (name, message) => {
      const error = await explored([CrmBindings, declared(name)]).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(BindingDeclarationError);
      expect(error).toMatchObject({ code: 'binding-declaration', binding: name });
      expect((error as BindingDeclarationError).methods).toHaveLength(2);
      expect((error as Error).message).toMatch(/^@ScriptBinding on CrmBindings\.\w+ and Other\.run: /);
      expect((error as Error).message).toMatch(message);
    },
  );

  it.each([
    ['events.send', /starts with the reserved name events/],
    ['ctx', /reserved name ctx/],
    ['Promise.all', /reserved name Promise/],
    ['crm.then', /contains then, a special name/],
    ['crm.', /is not a dotted name such as crm\.findClient/],
    [`crm.${'x'.repeat(200)}`, /is not a dotted name/],
  ])('fails for the binding name %s', async (name, message) => {
    await expect(explored([declared(name)])).rejects.toThrow(message);
  });

  it.each([0, -1, 1.5, Number.NaN, 600_001])('fails for timeoutMs = %p', async (timeoutMs) => {
    await expect(explored([declared('slow', { timeoutMs })])).rejects.toThrow(
      /Other\.run: timeoutMs = \S+ must be a whole number from 1 to 600000/,
    );
  });

  it('fails for an input class without rules, which would refuse every input', async () => {
    await expect(explored([declared('plain', { input: Client as never })])).rejects.toThrow(
      /input class Client has no class-validator decorators/,
    );
  });
});

// The corrected version of `legacy-export.js`: the export goes to the new system.
sdk.log.info('Exported', { to: 'new ERP', ...ctx.input });
return { exported: ctx.input.expenseId };

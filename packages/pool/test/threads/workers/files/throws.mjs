throw Object.assign(new Error('not on this machine'), { code: 'E_IMPORT' });

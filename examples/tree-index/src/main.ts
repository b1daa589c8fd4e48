console.log('tree-index: not written yet');

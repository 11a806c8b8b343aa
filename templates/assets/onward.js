// Sends the page's one form on its way. Who reads the page without scripts presses its button.
document.querySelector("form[data-onward]").submit();

// A guide prints itself when its button is pressed: the checklist as it was ticked.

document.querySelector('[data-print]').addEventListener('click', () => window.print())

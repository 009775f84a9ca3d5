// A form that only carries an answer on goes by itself; without JavaScript its button does the same.
document.querySelector("form[data-send-at-once]")?.submit();

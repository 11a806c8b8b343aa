# On the way to an application with its answer
answer-post-title = On to { $host }
answer-post-lead = You go on there in a moment. If nothing happens, press the button.
answer-post-submit = Continue

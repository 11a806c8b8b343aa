# Words that every page shares.
base-name = Doorward
# Before the title of a page that came back with a mistake, for those who hear it.
base-title-mistake = To correct:
base-mistakes = Something to put right

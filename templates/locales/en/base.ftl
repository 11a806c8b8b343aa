# Words that every page shares.
base-name = Doorward
# Before the title of a page that came back with a mistake, for those who hear it.
base-title-mistake = To correct:
base-mistakes = Something to put right

# How long to wait. Stands inside a sentence.
base-wait-seconds =
    { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }
base-wait-minutes =
    { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }

# An invitation: /invitation

SELECT make_immutable('runs_content_damage');
